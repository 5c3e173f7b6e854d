import { writeFileSync } from "node:fs";
import { arch, release } from "node:os";
import { describeWith } from "@sigilrt/testing";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Column, comparisonPage, type Finding, findingsOf } from "./sandbox-comparison.ts";
import {
  type Contender,
  deniedReads,
  openReads,
  ours,
  peerFault,
  plainBwrap,
  versions,
} from "./sandbox-contenders.ts";

const page = new URL("../../../docs/sandbox-comparison.md", import.meta.url);

const isWritten = process.env["SIGIL_COMPARE"] === "write";

// The peer takes three times as long as all others: its columns are filled only for the page.
describeWith(["bwrap", "prlimit", "python"], "the same attacks under other launchers", () => {
  const columns: Column[] = [];
  beforeAll(async () => {
    const fault = isWritten ? peerFault() : undefined;
    for (const contender of isWritten
      ? [ours, plainBwrap, openReads, deniedReads]
      : [ours, plainBwrap]) {
      const isPeer = contender === openReads || contender === deniedReads;
      const isLeftOut = isPeer && fault !== undefined;
      // oxlint-disable-next-line no-await-in-loop -- the variable with the canary is one for all
      columns.push({ contender, findings: isLeftOut ? fault : await findingsOf(contender) });
    }
  });
  afterAll(() => {
    if (!isWritten) return;
    const day = new Date().toISOString().slice(0, 10);
    const facts = {
      date: day,
      kernel: `${release().split(".").slice(0, 2).join(".")} ${arch()}`,
      ...versions(),
    };
    writeFileSync(page, comparisonPage(columns, facts));
  });

  const of = (contender: Contender): readonly Finding[] => {
    const found = columns.find((column) => column.contender === contender)?.findings;
    return typeof found === "string" || found === undefined ? [] : found;
  };

  it("all end under ours without reaching anything", () => {
    expect(of(ours).length).toBeGreaterThan(50);
    expect(of(ours).filter(({ verdict }) => verdict !== "held")).toEqual([]);
  });

  it("reach their goals where nothing holds them back, so that holding means something", () => {
    const through = of(plainBwrap).filter(({ verdict }) => verdict === "through");
    expect(through.map(({ row }) => row)).toEqual(
      expect.arrayContaining([1, 2, 3, 7, 10, 11, 19, 35, 55, 56]),
    );
  });
});
