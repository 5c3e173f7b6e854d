import { library } from "@sigilrt/tsup";

export default library({ entry: ["src/index.ts", "src/bin.ts"] });
