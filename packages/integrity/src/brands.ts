declare const digestBrand: unique symbol;
declare const surfaceBrand: unique symbol;
declare const idBrand: unique symbol;

/** The identity of a tree: `tree1-sha256:` and 64 lower-case hex digits. */
export type TreeDigest = string & {
  /** Made only by hashing a tree or by reading a lock file. */
  readonly [digestBrand]: "TreeDigest";
};

/** The identity of what a plugin says about itself: `jcs-sha256:` and 64 lower-case hex digits. */
export type SurfaceDigest = string & {
  /** Made only by hashing a surface or by reading a lock file. */
  readonly [surfaceBrand]: "SurfaceDigest";
};

/** An id that a lock file may hold. */
export type PluginId = string & {
  /** Made only by reading a lock file. */
  readonly [idBrand]: "PluginId";
};
