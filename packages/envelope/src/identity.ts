import type { BigIntStats } from "node:fs";

/** What a file is, whatever it is called: device and inode. */
export const identityOf = ({ dev, ino }: BigIntStats): string => `${dev}:${ino}`;
