import { type Database, readNsysDatabase } from '../../core/traces/nsys.ts';
import { type Trace, TraceError } from '../../core/traces/trace.ts';
import type { TraceFile } from './read.ts';

/** A database is held whole, and once more by the engine that reads it. */
const LARGEST = 512 * 2 ** 20;

/**
 * The SQLite export of nsys, read with SQLite itself, which is loaded when the first such file is opened.
 * @param rest what follows `head`
 * @throws TraceError where it is too large, damaged, or no export of nsys
 */
export async function readSqlite(
  file: TraceFile,
  head: Uint8Array,
  rest: AsyncIterable<Uint8Array>,
  signal: AbortSignal,
): Promise<Trace> {
  const pieces = [head];
  let size = head.length;
  for await (const piece of rest) {
    signal.throwIfAborted();
    size += piece.length;
    if (size > LARGEST)
      throw new TraceError(
        `${file.name} is larger than 512 MiB, and a database must be held whole. Export less: nsys stats --report cuda_gpu_trace --format csv.`,
      );
    pieces.push(piece);
  }
  const bytes = pieces.length === 1 ? head : new Uint8Array(size);
  if (pieces.length > 1) {
    let at = 0;
    for (const piece of pieces) {
      bytes.set(piece, at);
      at += piece.length;
    }
  }
  const { default: start } = await import('sql.js/dist/sql-wasm-inline.js');
  const SQL = await start();
  const db = new SQL.Database(bytes);
  try {
    return readNsysDatabase(file.name, overSql(db));
  } catch (error) {
    if (error instanceof TraceError) throw error;
    throw new TraceError(
      `${file.name} is a damaged database, or one that was cut short: ${error instanceof Error ? error.message : String(error)}.`,
    );
  } finally {
    db.close();
  }
}

interface Sql {
  exec(sql: string): { values: unknown[][] }[];
  prepare(sql: string): { step(): boolean; get(): unknown[]; free(): void };
}

function overSql(db: Sql): Database {
  const column = (sql: string, at: number) => new Set((db.exec(sql)[0]?.values ?? []).map((row) => String(row[at])));
  return {
    // No views, no virtual tables and no computed columns: whoever wrote the file wrote them, and one can count without end.
    tables: column(
      "SELECT name FROM sqlite_master WHERE type = 'table' AND rootpage > 0 AND NOT EXISTS (SELECT 1 FROM pragma_table_xinfo(sqlite_master.name) WHERE hidden > 0)",
      0,
    ),
    columns: (table) => column(`PRAGMA table_info(${table})`, 1),
    each(sql, take) {
      const statement = db.prepare(sql);
      try {
        while (statement.step()) take(statement.get());
      } finally {
        statement.free();
      }
    },
  };
}
