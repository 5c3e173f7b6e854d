import {
  canonicalize,
  CanonicalError,
  checkSafePath,
  foldKey,
  parseCanonical,
} from "@sigilrt/canonical";

const approved = canonicalize({ tool: "send", limits: { perDay: 1e3 }, paths: ["out/a.txt"] });
console.log(approved);

try {
  parseCanonical(new TextEncoder().encode('{"tool":"send","tool":"delete"}'));
} catch (error) {
  console.log(error instanceof CanonicalError && `${error.code}: ${error.reason}`);
}

for (const path of ["docs/read me.md", "../etc/passwd", "aux.txt", "a\u202Etxt.exe"]) {
  console.log(JSON.stringify(path), checkSafePath(path) ?? "safe");
}
console.log(foldKey("README.md") === foldKey("ReadMe.md"));
