// What a check found, and what that says of the student. No drawing here.

export interface Finding {
  says: string;
  state: "passed" | "failed" | "unwritten" | "unready";
  sentence: string;
  advice: string;
  inputs: [string, string][];
  expected: string;
  got: string;
  printed: string;
  smallest: boolean;
}

/** The headline: how far the student is. */
export function summarise(findings: Finding[], mends = false, untouched = false): string {
  if (findings.length === 0) return "Call this check with your function, in the cell below.";
  if (findings.some((finding) => finding.state === "unwritten"))
    return "Not written yet. Replace the … in the cell, and run it again.";
  if (findings.some((finding) => finding.state === "unready")) return "Run the cells above first.";
  const passed = findings.filter((finding) => finding.state === "passed").length;
  if (untouched) return "Broken on purpose, and still as you found it. This is what goes wrong:";
  if (passed === findings.length && mends) return "Mended: everything holds.";
  if (passed === findings.length)
    return findings.length === 1 ? "It holds." : `All ${passed} properties hold.`;
  if (findings.length === 1) return "It does not hold yet.";
  return `${passed || "None"} of the ${findings.length} properties ${passed === 1 ? "holds" : "hold"}.`;
}

/** A stub says nothing about the student, whole or broken, and a solution of the lesson's own even less. */
export const isWorthKeeping = (findings: Finding[], keep: boolean, untouched: boolean): boolean =>
  keep && !untouched && findings.some(({ state }) => state === "passed" || state === "failed");
