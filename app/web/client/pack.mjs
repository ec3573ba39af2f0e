// After `vite build`: writes each file of app/web/dist compressed beside itself, and the list of them that CMake reads. What is
// said of the release before (previous/RELEASE) is for scripts and tests.
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const root = process.argv[2];
const compressed = /\.(br|gz)$/;
const all = (folder) => readdirSync(folder).sort().flatMap((name) => {
  const path = join(folder, name);
  return statSync(path).isDirectory() ? all(path) : [path];
});

for (const path of all(root)) if (compressed.test(path)) rmSync(path);
const files = all(root).filter((path) => !["files.txt", "previous/RELEASE"].includes(relative(root, path)));
for (const path of files) {
  const content = readFileSync(path);
  writeFileSync(path + ".gz", gzipSync(content, { level: 9 }));
  writeFileSync(path + ".br", brotliCompressSync(content, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }));
}
writeFileSync(join(root, "files.txt"), files.map((path) => relative(root, path) + "\n").join(""));
