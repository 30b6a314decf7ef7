// PromQL, parsed by Prometheus' own grammar.
//
// In: an expression. Out: the names of the metrics it asks for. Must never happen: an expression with an error that
// is read all the same.

import { parser } from '@prometheus-io/lezer-promql';

/** The metrics of an expression, or an error with the place of a mistake. */
export const metricsOf = (expression) => {
  const found = new Set();
  parser.parse(expression).iterate({
    enter: (node) => {
      if (node.type.isError) throw new Error(`${expression}: a mistake at ${node.from}`);
      if (node.name === 'VectorSelector') {
        const name = node.node.getChild('Identifier');
        if (!name) throw new Error(`${expression}: a selector without a name at ${node.from}`);
        found.add(expression.slice(name.from, name.to));
      }
    },
  });
  return [...found];
};
