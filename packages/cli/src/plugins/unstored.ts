import { digestTree, type PluginStore } from "@sigilrt/integrity";

/** A store for looking at plugins where they lie: it hashes and keeps nothing, so nothing may run from it. */
export const unstored: PluginStore = {
  async admit(root, options) {
    const tree = await digestTree(root, options);
    return tree.ok ? { ok: true, digest: tree.digest, fileList: tree.fileList, path: root } : tree;
  },
  open: (expected) => Promise.resolve({ ok: false, reason: "absent", expected }),
  makeExecutable: () => Promise.resolve(),
};
