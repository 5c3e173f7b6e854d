/**
 * The documented attacks as a suite that every `Sandbox` passes, and as programs for whatever else starts plugins.
 *
 * @packageDocumentation
 */

export {
  type Attack,
  type AttackOutcome,
  attackProgram,
  type AttackTarget,
  judgeAttack,
} from "./attack.ts";
export {
  type AttackTargetOptions,
  openAttackTarget,
  type OpenAttackTarget,
} from "./attack-target.ts";
export { attacks } from "./attacks.ts";
export { describeSandbox } from "./describe-sandbox.ts";
export { type SandboxFixture } from "./sandbox-fixture.ts";
export {
  type AttackCall,
  callsHere,
  isHeld,
  readAnswers,
  systemCallProgram,
} from "./system-calls.ts";
