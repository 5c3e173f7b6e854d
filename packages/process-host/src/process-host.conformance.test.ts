import { describePluginHost } from "@sigilrt/lifecycle/testing";
import { processFixture } from "./testing/process-fixture.ts";

describePluginHost("createProcessHost", processFixture);
