/**
 * What a host is tested with: the conformance suite, a fake host for what stands above hosts, and a clock that tests move.
 *
 * @packageDocumentation
 */

export { describePluginHost } from "./describe-plugin-host.ts";
export {
  createFakeHost,
  type FakeCallContext,
  type FakeHost,
  type FakeHostOptions,
  type FakePlugin,
  type FakeTool,
} from "./fake-host.ts";
export type {
  AnsweredCall,
  FixtureCall,
  FixtureCalls,
  HostFixture,
  OptionalRow,
  PluginHostSuiteOptions,
} from "./host-fixture.ts";
export { createManualClock, type ManualClock } from "./manual-clock.ts";
