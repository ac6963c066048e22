import { cp, mkdir, readdir, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { startFixture, fixtureFolder, temporaryFolder } from './harness.ts';

const nodeModules = fileURLToPath(new URL('../../../node_modules', import.meta.url));

/** An app folder with these files and the real @azure/functions. */
async function createApp(files: Record<string, string>): Promise<string> {
  const folder = await temporaryFolder();
  await symlink(nodeModules, path.join(folder, 'node_modules'), 'junction');
  for (const [name, text] of Object.entries(files)) {
    await mkdir(path.dirname(path.join(folder, name)), { recursive: true });
    await writeFile(path.join(folder, name), text);
  }
  return folder;
}

const hello = `require('@azure/functions').app.http('hello', { methods: ['GET'], authLevel: 'anonymous', handler: () => ({ body: process.env.GREETING ?? 'hello' }) });`;

describe('an app that cannot be started', () => {
  const cases: [string, Record<string, string>, RegExp][] = [
    ['has no package.json', {}, /has no "main", so there is nothing to load/],
    [
      'has a main that matches no file',
      { 'package.json': '{"main":"dist/*.js"}' },
      /No file matches "main": "dist\/\*.js"/,
    ],
    [
      'throws while it loads',
      { 'package.json': '{"main":"index.js"}', 'index.js': 'throw new Error("no configuration")' },
      /The app's entry file "index.js" failed to load: no configuration/,
    ],
    [
      'registers one name twice',
      { 'package.json': '{"main":"{a,b}.js"}', 'a.js': hello, 'b.js': hello },
      /"b.js" failed to load: A function with id "hello" has already been registered/,
    ],
    [
      'registers nothing',
      { 'package.json': '{"main":"index.js"}', 'index.js': '' },
      /registers no functions/,
    ],
    [
      'ends its own process',
      { 'package.json': '{"main":"index.js"}', 'index.js': 'process.exit(3)' },
      /The app ended while it was loading \(exit code 3\)/,
    ],
    [
      'asks for HTTP streaming',
      {
        'package.json': '{"main":"index.js"}',
        'index.js': `require('@azure/functions').app.setup({ enableHttpStream: true });${hello}`,
      },
      /asks for HTTP streaming/,
    ],
    ['has a host.json of another version', { 'host.json': '{}' }, /host.json must have "version": "2.0"/],
    ['has a host.json that is no JSON', { 'host.json': '{,}' }, /host.json is not valid JSON/],
  ];

  it.each(cases)('is refused with one sentence when it %s', async (_case, files, message) => {
    const appFolder = await createApp(files);
    await expect(startFixture('none', { appFolder })).rejects.toMatchObject({
      name: 'LocalHostError',
      message,
    });
  });
});

describe('an app that starts', () => {
  it('loads every file that main matches, ES modules and CommonJS, with @azure/functions-core provided', async () => {
    const host = await startFixture('glob');
    try {
      expect(host.functions).toEqual([
        { name: 'fromModule', trigger: 'httpTrigger', detail: 'GET /api/fromModule' },
        { name: 'fromCommonJs', trigger: 'timerTrigger', detail: '0 */5 * * * *' },
      ]);
      expect(await (await host.get('/api/fromModule')).text()).toBe('module');
    } finally {
      await host.stop();
    }
  });

  it('runs its hooks in order and gets its own output into the log', async () => {
    const host = await startFixture('hooks');
    try {
      expect(await (await host.get('/api/forgiven')).text()).toBe('forgiven, after appStart 0');
      expect(host.lines.join('\n')).toContain('forgiven: say ***');
    } finally {
      await host.stop();
    }
    expect(host.lines.at(-1)).toMatch(/host: app: terminated in order$/);
  });

  it('can neither call app.setup nor register functions after the start', async () => {
    const host = await startFixture('hooks');
    try {
      expect((await host.get('/api/lateSetup')).status).toBe(500);
      expect((await host.get('/api/lateRegistration')).status).toBe(500);
      const log = host.lines.join('\n');
      expect(log).toContain("Setup options can't be changed after app startup has finished.");
      expect(log).toContain('A function can only be registered during app startup.');
    } finally {
      await host.stop();
    }
  });

  it('takes values from local.settings.json where the environment has none', async () => {
    const appFolder = await createApp({
      'package.json': '{"main":"index.js"}',
      'index.js': hello,
      'local.settings.json': '{"IsEncrypted":false,"Values":{"GREETING":"from the file"}}',
    });
    for (const [env, body] of [
      [{}, 'from the file'],
      [{ GREETING: 'from the environment' }, 'from the environment'],
    ] as const) {
      const host = await startFixture('none', { appFolder, env });
      try {
        expect(await (await host.get('/api/hello')).text()).toBe(body);
      } finally {
        await host.stop();
      }
    }
  });
});

describe('a function that fails a check', () => {
  it('is in error with the reason, and the others run', async () => {
    const host = await startFixture('checks', {
      env: { ROUTE: 'resolved/{id}', 'AzureWebJobs.switchedOff.Disabled': 'true' },
    });
    try {
      const errors = Object.fromEntries(
        host.functions.flatMap(({ name, error }) => (error ? [[name, error]] : [])),
      );
      expect(errors).toEqual({
        Good: "The function name 'Good' must be unique within the function app.",
        '9lives': "'9lives' is not a valid function name.",
        host: "'host' is not a valid function name.",
        sameRoute: "The route specified conflicts with the route defined by function 'good'.",
        administer: 'The specified route conflicts with one or more built in routes.',
        badRoute: "The route constraint 'colour' is not known.",
        unresolved: "'%NO_SUCH_SETTING%' does not resolve to a value.",
        badSchedule:
          "The schedule expression 'every day' was not recognized as a valid cron expression or timespan string.",
        badRetry: 'retry: fixedDelay needs delayInterval.',
        noAccount: "The setting 'NoSuchAccount' must hold a storage connection string.",
        badQueue: "'not_a_queue' is not a valid queue name.",
        blob: "The binding type 'blobTrigger' is not supported by the local host.",
        writesQueue: "The binding type 'queue' is not supported by the local host.",
      });
      expect(host.lines.join('\n')).toContain(
        "error host: The function 'unresolved' is in error: '%NO_SUCH_SETTING%' does not resolve to a value.",
      );
      expect((await host.get('/api/good')).status).toBe(200);
      expect((await host.get('/api/resolved/1')).status).toBe(200);
      expect((await host.get('/api/switchedOff')).status).toBe(404);
      expect((await host.get('/api/administer')).status).toBe(404);
    } finally {
      await host.stop();
    }
  });
});

it('leaves the app folder as it was', async () => {
  const appFolder = await temporaryFolder();
  await cp(fixtureFolder('glob'), appFolder, { recursive: true });
  await symlink(nodeModules, path.join(appFolder, 'node_modules'), 'junction');
  const before = await folderListing(appFolder);
  const host = await startFixture('none', { appFolder });
  await host.stop();
  expect(await folderListing(appFolder)).toEqual(before);
});

async function folderListing(folder: string): Promise<string[]> {
  return (await readdir(folder)).sort();
}
