// Makes the npm packages of a release: one for each platform whose library is there, and `hub-core`, which names them
// as optional, so that npm installs that of its machine alone.
//
//   node platforms.mjs PACKAGE LIBRARIES OUT
//
// PACKAGE is a folder that `npm pack` would pack, LIBRARIES has files such as `hub_core.linux-x64-gnu.node`, named as
// `lib/native.ts` asks for them. The packages come into folders of OUT.

import { cpSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";

const [from, libraries, out] = process.argv.slice(2);
if (out === undefined) throw new Error("usage: node platforms.mjs PACKAGE LIBRARIES OUT");

const C_LIBRARIES = { gnu: ["glibc"], musl: ["musl"] };

function write(folder, manifest) {
  writeFileSync(join(out, folder, "package.json"), `${JSON.stringify(manifest, null, 2)}\n`);
}

const whole = JSON.parse(readFileSync(join(from, "package.json"), "utf8"));
const { version, license, repository } = whole;
const optionalDependencies = {};

for (const file of readdirSync(libraries).sort()) {
  const platform = /^hub_core\.([a-z0-9-]+)\.node$/.exec(file)?.[1];
  if (platform === undefined) throw new Error(`${file} is not named after a platform`);
  const [os, cpu, build] = platform.split("-");
  const name = `@hub-core/${platform}`;
  mkdirSync(join(out, platform), { recursive: true });
  cpSync(join(libraries, file), join(out, platform, file));
  cpSync(join(from, "LICENSE"), join(out, platform, "LICENSE"));
  writeFileSync(join(out, platform, "README.md"), `The native part of [hub-core](${repository}) on ${platform}.\n`);
  const description = `The native part of hub-core on ${platform}`;
  const libc = C_LIBRARIES[build];
  write(platform, { name, version, description, license, repository, os: [os], cpu: [cpu], libc, main: file, files: [file] });
  optionalDependencies[name] = version;
}
if (Object.keys(optionalDependencies).length === 0) throw new Error(`there are no libraries in ${libraries}`);

const main = join(out, "hub-core");
cpSync(from, main, { recursive: true, filter: (path) => basename(path) !== "native" });
write("hub-core", { ...whole, optionalDependencies });
console.log(["hub-core", ...Object.keys(optionalDependencies)].join("\n"));
