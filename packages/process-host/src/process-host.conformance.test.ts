import { describePluginHost } from "@sigilrt/lifecycle/testing";
import { processFixture } from "./testing/process-fixture.ts";

describePluginHost("createProcessHost", processFixture);
describePluginHost("createProcessHost with AutoMTLS, its default", () =>
  processFixture({ security: {} }),
);
