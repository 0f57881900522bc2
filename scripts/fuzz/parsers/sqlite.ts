import { createRequire } from 'node:module';
import { TraceError } from '../../../src/core/traces/trace.ts';
import { bytesOf, type FuzzedParser, textOfBytes } from '../parser.ts';
import { readAndSum } from './traces.ts';

interface Sql {
  readonly Database: new (bytes?: Uint8Array) => { run(sql: string): void; export(): Uint8Array; close(): void };
}
const SQL = (await createRequire(import.meta.url)('sql.js')()) as Sql;

const SCHEMA = `
CREATE TABLE StringIds (id INTEGER PRIMARY KEY, value TEXT);
INSERT INTO StringIds VALUES (1, 'void flash::flash_fwd_kernel<X>(P)'), (2, 'execute_context_1(512)_generation_30(30)');
CREATE TABLE CUPTI_ACTIVITY_KIND_KERNEL (start INT, end INT, deviceId INT, correlationId INT, globalPid INT, demangledName INT);
INSERT INTO CUPTI_ACTIVITY_KIND_KERNEL VALUES (100, 150, 0, 1, 281474993487872, 1), (160, 190, 0, 2, 281474993487872, 1);
CREATE TABLE CUPTI_ACTIVITY_KIND_MEMCPY (start INT, end INT, deviceId INT, correlationId INT, globalPid INT, copyKind INT);
INSERT INTO CUPTI_ACTIVITY_KIND_MEMCPY VALUES (200, 210, 0, 3, 281474993487872, 1);
CREATE TABLE ENUM_CUDA_MEMCPY_OPER (id INT, label TEXT);
INSERT INTO ENUM_CUDA_MEMCPY_OPER VALUES (1, 'Host-to-Device');
CREATE TABLE CUPTI_ACTIVITY_KIND_RUNTIME (start INT, end INT, correlationId INT, globalTid INT);
INSERT INTO CUPTI_ACTIVITY_KIND_RUNTIME VALUES (90, 95, 1, 281474993487872);
CREATE TABLE NVTX_EVENTS (start INT, end INT, text TEXT, textId INT);
INSERT INTO NVTX_EVENTS VALUES (80, 220, NULL, 2);
CREATE TABLE TARGET_INFO_GPU (name TEXT);
INSERT INTO TARGET_INFO_GPU VALUES ('NVIDIA H100');
`;

/** A case is SQL, which is run into a database, or the bytes of a database. */
export const sqlite: FuzzedParser = {
  id: 'nsys-sqlite',
  title: 'SQLite exports of nsys',
  seeds: () => {
    const db = new SQL.Database();
    db.run('PRAGMA page_size = 512');
    db.run(SCHEMA);
    const bytes = textOfBytes(db.export());
    db.close();
    return [bytes];
  },
  words: [
    '\0\0\0\0',
    '\xff\xff\xff\xff',
    '\x7f\xff',
    'SQLite format 3\0',
    'CREATE TABLE',
    'CREATE VIEW',
    'StringIds',
    '\x01\x00',
  ],
  read: (text) => readAndSum(bytesOf(text.replace(/[^\0-\xff]/g, '?')), 'a.sqlite'),
  refuses: (error) => error instanceof TraceError,
};
