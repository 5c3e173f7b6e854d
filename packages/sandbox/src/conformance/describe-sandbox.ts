import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { attackProgram, judgeAttack } from "./attack.ts";
import { attacks } from "./attacks.ts";
import { type Bench, openBench } from "./bench.ts";
import { declareSockets } from "./declare-sockets.ts";
import { declareStarts } from "./declare-starts.ts";
import { type SandboxFixture } from "./sandbox-fixture.ts";
import { callsHere, isHeld, readAnswers, systemCallProgram } from "./system-calls.ts";

const python = "/usr/bin/python3";
const mark = existsSync(python) ? "" : ` (not proven here: needs ${python})`;

/**
 * Declares the documented attacks as tests that every `Sandbox` passes before it is used. Call it in a test file; `setup`
 * makes one fixture for all of them.
 */
export function describeSandbox(name: string, setup: () => Promise<SandboxFixture>): void {
  describe(`${name} is a Sandbox: a hostile plugin`, () => {
    let bench: Bench;
    beforeAll(async () => {
      bench = await openBench(await setup());
    });
    afterAll(() => bench[Symbol.asyncDispose]());

    it.each(attacks)("$row $title: held", async (attack) => {
      const { target } = bench;
      const file = attack.runtime === "node" ? "attack.mjs" : "attack.sh";
      await bench.addCode(file, attackProgram(attack, target));
      const { stdout } = await bench.run({
        command: attack.runtime === "node" ? ["node", `/plugin/${file}`] : [file],
        ...(attack.limits === undefined ? {} : { limits: attack.limits }),
      });
      expect(judgeAttack(attack, target, stdout)).toEqual({ verdict: "held", reached: [] });
      expect(await readFile(`${target.folder}/writable`, "utf8")).toBe("untouched");
    });

    declareSockets(() => bench);
    declareStarts(() => bench);

    describe.skipIf(mark !== "")(`by system calls${mark}`, () => {
      let answers: ReadonlyMap<string, string>;
      beforeAll(async () => {
        const { text, args } = systemCallProgram(bench.target);
        await bench.addCode("attack.py", text);
        const { stdout } = await bench.run({ command: ["python3", "/plugin/attack.py", ...args] });
        answers = readAnswers(stdout);
      });

      it.each(callsHere)("$row $name", (call) => {
        expect([answers.get(call.name), isHeld(call, answers.get(call.name))]).toEqual([
          answers.get(call.name),
          true,
        ]);
      });

      it("made every call that is listed, and no other", () => {
        expect([...answers.keys()].toSorted()).toEqual(
          callsHere.map((call) => call.name).toSorted(),
        );
      });
    });
  });
}
