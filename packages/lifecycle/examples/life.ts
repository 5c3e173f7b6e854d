import { createRestartPolicy, LifecycleError, PluginInstance } from "@sigilrt/lifecycle";

const telegram = new PluginInstance(
  { plugin: "telegram", version: "1.2.0", digest: "tree1-sha256:5d41", epoch: 1, slot: 0 },
  { onTransition: ({ from, to }) => console.log(`${from} -> ${to}`) },
);
telegram.transitionTo("validating");
telegram.transitionTo("loading");
telegram.transitionTo("running");

try {
  telegram.transitionTo("stopped");
} catch (error) {
  console.log(error instanceof LifecycleError && `${error.code}: ${error.message}`);
}
telegram.transitionTo("error", { reason: "crashed" });

const restarts = createRestartPolicy({ random: () => 0.5 });
console.log(restarts.crashed(Date.now()));
