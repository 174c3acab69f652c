/** The allocator of the image, where it is installed on this machine. */
import { readdirSync } from 'node:fs';

/** Where Debian has libraries, one folder for each architecture. */
const LIBRARIES = '/usr/lib';

/** The path of the allocator that deploy/Dockerfile loads, if it is there. */
export const findMimalloc = () =>
  readdirSync(LIBRARIES)
    .filter((name) => name.endsWith('-linux-gnu'))
    .flatMap((name) => readdirSync(`${LIBRARIES}/${name}`).map((file) => `${LIBRARIES}/${name}/${file}`))
    .find((path) => path.endsWith('/libmimalloc.so.2'));
