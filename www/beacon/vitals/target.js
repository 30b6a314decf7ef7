// The name of an element, as web-vitals gives it.
//
// In: a node. Out: a selector of at most 100 characters: tags and sorted classes up to the nearest
// id, as many as there is room for. What `generateTarget` says goes first.

const ROOM = 100;

const part = ({ id, nodeType, nodeName, classList }) => id
  ? `#${id}`
  : [nodeType == 1 ? nodeName.toLowerCase() : nodeName.toUpperCase().replace(/^#/, ''),
    ...[...classList ?? []].sort()].join('.');

const selector = (node) => {
  let path = '';
  try {
    for (; node?.nodeType != 9; node = node.parentNode) {
      const step = part(node);
      if (path.length + step.length >= ROOM) return path || step;
      path = path ? `${step}>${path}` : step;
      if (node.id) break;
    }
  } catch { /* the element is in no document: what was found of the path is all there is */ }
  return path;
};

/** The name of a node. */
export const target = (node, { generateTarget }) => generateTarget?.(node) ?? selector(node);
