// What the differential suite compared. In: fields and accepted differences of each case. Out: a table.

export class Tally {
  #engines = new Map();

  /** Adds a case; `lines` are those of differences.mjs that accepted something in it. */
  add(engine, fields, lines) {
    const sum = this.#engines.get(engine) ?? { cases: 0, fields: 0, reasons: new Map() };
    this.#engines.set(engine, sum);
    sum.cases += 1;
    sum.fields += fields;
    for (const { reason } of lines) {
      sum.reasons.set(reason, (sum.reasons.get(reason) ?? 0) + 1);
    }
  }

  print() {
    for (const [engine, { cases, fields, reasons }] of this.#engines) {
      console.log(`${engine}: ${cases} cases, ${fields} fields compared`);
      for (const [reason, count] of reasons) {
        console.log(`  ${count} accepted: ${reason}`);
      }
    }
  }
}
