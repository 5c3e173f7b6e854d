import { serve } from "@sigilrt/plugin-sdk";
import { plugin } from "./plugin.ts";

await serve(plugin);
