import { gzipSync } from 'node:zlib';
import initSqlJs from 'sql.js/dist/sql-wasm-inline.js';
import { expect, test } from 'vitest';
import { shortName } from '../../core/traces/format.ts';
import { classify } from '../../core/traces/kernels.ts';
import { type Trace, TraceError } from '../../core/traces/trace.ts';
import { readTrace } from './read.ts';

const never = new AbortController().signal;

const read = (bytes: Uint8Array) =>
  readTrace(
    { name: 'a', size: bytes.length, stream: () => new Blob([bytes as Uint8Array<ArrayBuffer>]).stream() },
    never,
  );

/** CPU seconds of some work: the machine may do other work as well. */
async function seconds(work: () => unknown): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

async function database(sql: string): Promise<Uint8Array> {
  const SQL = await initSqlJs();
  const db = new SQL.Database();
  db.run(sql);
  const bytes = db.export();
  db.close();
  return bytes;
}

const STRINGS = "CREATE TABLE StringIds (id INTEGER, value TEXT); INSERT INTO StringIds VALUES (1, 'gemm_kernel');";
const COLUMNS = 'start INT, end INT, deviceId INT, correlationId INT, demangledName INT';

test('a view that counts without end is not asked', async () => {
  const bytes = await database(`${STRINGS}
    CREATE VIEW CUPTI_ACTIVITY_KIND_KERNEL AS
      WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c)
      SELECT x AS start, x + 1 AS end, 0 AS deviceId, x AS correlationId, 1 AS demangledName FROM c;`);
  await expect(read(bytes)).rejects.toThrow(TraceError);
});

test('a table with a computed column is not asked', async () => {
  const bytes = await database(`${STRINGS}
    CREATE TABLE CUPTI_ACTIVITY_KIND_KERNEL (${COLUMNS}, globalPid INT AS (length(hex(zeroblob(9)))));
    INSERT INTO CUPTI_ACTIVITY_KIND_KERNEL VALUES (1, 2, 0, 1, 1);`);
  await expect(read(bytes)).rejects.toThrow(TraceError);
});

test('names without an index take no longer than names with one', async () => {
  const rows = 'WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c WHERE x < 20000)';
  const bytes = await database(`CREATE TABLE StringIds (id INTEGER, value TEXT);
    ${rows} INSERT INTO StringIds SELECT x, 'kernel_' || x FROM c;
    CREATE TABLE CUPTI_ACTIVITY_KIND_KERNEL (${COLUMNS});
    ${rows} INSERT INTO CUPTI_ACTIVITY_KIND_KERNEL SELECT x, x + 1, 0, x, 20001 - x FROM c;`);
  let trace: Trace | undefined;
  // A look through all names for each of the rows takes 20,000 times 20,000 comparisons.
  expect(await seconds(async () => (trace = (await read(bytes)) as Trace))).toBeLessThan(4);
  expect(trace?.kernels).toHaveLength(20_000);
});

test.each([
  ['of one piece over and over', 'ck::'.repeat(50_000)],
  ['of underscores', `gather_and_${'a_'.repeat(100_000)}`],
  ['of brackets', '('.repeat(200_000)],
  ['of a template without end', `std::enable_if<${'<'.repeat(200_000)}`],
])('a name %s is told from others in no time', async (_, name) => {
  expect(await seconds(() => [classify(name), shortName(name)])).toBeLessThan(1);
});

test('blanks packed a thousandfold are given up, not waited for', async () => {
  const bomb = gzipSync(Buffer.alloc(300_000_000, ' '), { level: 9 });
  expect(bomb.length).toBeLessThan(400_000);
  await expect(read(new Uint8Array(Buffer.concat([gzipSync('{"a":1,'), bomb])))).rejects.toThrow(
    /unpacks to more than/,
  );
});
