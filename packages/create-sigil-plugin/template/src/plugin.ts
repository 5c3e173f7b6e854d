import type { PluginOptions } from "@sigilrt/plugin-sdk";
import { greet } from "./greet.ts";

export const plugin: PluginOptions = { name: "plugin-name", version: "0.1.0", tools: [greet] };
