// The README's lines, pasted and run.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";

const run = promisify(execFile);

for (const name of ["README.md", "bindings/node/README.md"]) {
  test(`the lines of ${name} run`, { timeout: 60_000 }, async () => {
    const text = await readFile(join(process.env["HUB_ROOT"] ?? "", name), "utf8");
    const found = [...text.matchAll(/```js\n(.*?)```/gs)].map(([, lines = ""]) => lines);
    assert.equal(found.length, 1, "there is one such example");
    // Inside of this project, so that the package is found where it was installed.
    const place = await mkdtemp(join(process.cwd(), "readme-"));
    await writeFile(join(place, "lines.mjs"), found[0] ?? "");
    const { stdout } = await run(process.execPath, ["lines.mjs"], { cwd: place, timeout: 50_000 });
    assert.ok((await stat(join(place, "home"))).isDirectory());
    if (found[0]?.includes("hub.actions")) assert.match(stdout, /^reminder\.set/);
  });
}
