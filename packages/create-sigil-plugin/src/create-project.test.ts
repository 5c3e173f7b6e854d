import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createProject } from "./index.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "scaffold-"));
});
afterEach(() => rm(folder, { recursive: true }));

describe("createProject", () => {
  it("writes a project that names itself, with the versions it was tested with", async () => {
    const files = await createProject("my-plugin", join(folder, "new"));
    expect(files).toEqual(
      [
        ".gitignore",
        "README.md",
        "build.mjs",
        "package.json",
        "plugin.yaml",
        "src/greet.ts",
        "src/main.ts",
        "src/plugin.test.ts",
        "src/plugin.ts",
        "tsconfig.json",
      ].toSorted(),
    );
    const read = (name: string): Promise<string> => readFile(join(folder, "new", name), "utf8");
    const { name, dependencies, devDependencies } = JSON.parse(await read("package.json"));
    expect(name).toBe("my-plugin");
    expect(Object.keys(dependencies)).toEqual(["@sigilrt/plugin-sdk"]);
    expect(Object.values({ ...dependencies, ...devDependencies })).not.toContain(undefined);
    expect(Object.keys(devDependencies)).toContain("vitest");
    const texts = await Promise.all(files.map(read));
    expect(texts.join("")).not.toMatch(/plugin-name|NEEDED/u);
    expect(await read("plugin.yaml")).toMatch(/^name: my-plugin$/mu);
  });

  it("touches no folder that has something in it", async () => {
    await writeFile(join(folder, "mine"), "");
    await expect(createProject("demo", folder)).rejects.toMatchObject({ code: "FOLDER_NOT_EMPTY" });
    expect(await readdir(folder)).toEqual(["mine"]);
  });

  it.each(["", "Demo", "1demo", "-demo", "a--b", "../demo", "a/b", "a\nb", "x".repeat(65), '"'])(
    "refuses the name %j",
    async (name) => {
      const made = createProject(name, join(folder, "new"));
      await expect(made).rejects.toMatchObject({ code: "NAME_REFUSED" });
      expect(await readdir(folder)).toEqual([]);
    },
  );
});
