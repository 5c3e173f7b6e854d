import { CapabilitySet, matchCapability, netCapability, pathCapability } from "@sigilrt/capability";

// One pattern, one capability. A star is one or more whole segments; file names may hold dots.
const file = pathCapability("filesystem.read", "/data/reports/../a.txt");
console.log(file, matchCapability("filesystem.read./data/*", file));
console.log(netCapability("connect", "API.Telegram.org", 443));

// A plugin has an update. What does it ask for that a person has not agreed to?
const agreed = CapabilitySet.from(["filesystem.read./data/*", "net.connect.*.telegram.org:443"]);
const asked = CapabilitySet.from(["filesystem.read./data/inbox/*", "filesystem.read./*"]);
console.log("needs consent:", agreed.excess(asked).join(" "));

// Where does a deny take something away from an allow?
const deny = CapabilitySet.from(["filesystem.*./data/secret"]);
for (const { allow, witness } of agreed.conflicts(deny)) {
  console.log(`${allow} is cut at ${witness}`);
}
