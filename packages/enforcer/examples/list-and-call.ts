import { createMemoryAuditStore, Enforcer, EnforcerError, publicAnswer } from "@sigilrt/enforcer";

// A store in memory is for examples. A gateway passes one whose records survive it.
const audit = createMemoryAuditStore({ maxRecords: 1000 });
const enforcer = new Enforcer(audit, Date);

const review = await enforcer.registerPlugin("weather", {
  allow: ["tool.weather.*", "net.connect.*.example.com:443"],
  deny: ["tool.weather.admin"],
});
for (const { allow, witness } of review.conflicts) console.log(`${allow} is cut at ${witness}`);

// The same request decides what is listed and what may be called.
const request = (capability: string) => ({
  plugin: "weather",
  capability,
  userId: "ada",
  workspaceId: "research",
  workspaceAllow: ["tool.*"],
  userPermissions: ["tool.weather.*"],
});
const tools = ["tool.weather.today", "tool.weather.admin"];
console.log("listed:", tools.filter((tool) => enforcer.evaluate(request(tool)).allowed).join(" "));

// An allow is given only after its record is durable.
const decision = await enforcer.check(request("tool.weather.today"));
console.log("call:", decision.reason, JSON.stringify(publicAnswer(decision)));

// A person who may see the policy learns why; the plugin learns "denied".
const asked = request("net.connect.api.example.com:443");
try {
  await enforcer.enforce(asked);
} catch (error) {
  console.log(error instanceof EnforcerError ? error.message : error);
  for (const { text } of enforcer.explain(asked).changes) console.log(`- ${text}`);
}

// A handle fixes everything but the capability, can only become narrower, and can be ended.
const handle = enforcer.bind(request("tool.weather.today"));
const narrow = handle.attenuate(["tool.weather.today"]);
console.log("narrow:", (await narrow.check("tool.weather.tomorrow")).reason);
handle.revoke();
console.log("revoked:", (await narrow.check("tool.weather.today")).reason);
