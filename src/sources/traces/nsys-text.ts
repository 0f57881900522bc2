import Papa from 'papaparse';
import { NSYS_HEADER, type NsysRow, NsysTable } from '../../core/traces/nsys.ts';
import { EventScanner } from '../../core/traces/scan.ts';
import type { TraceReader } from './read.ts';

/** A table of `nsys stats`, as it comes. What nsys prints around it is passed over; of several tables in one text the first counts. */
export function readNsysText(name: string, form: 'csv' | 'json'): TraceReader {
  const table = new NsysTable(name);
  return form === 'csv' ? csvReader(table) : jsonReader(table);
}

function jsonReader(table: NsysTable): TraceReader {
  const decoder = new TextDecoder();
  let broken = 0;
  const scanner = new EventScanner({
    event(bytes, from, to) {
      let row: unknown;
      try {
        row = JSON.parse(decoder.decode(bytes.subarray(from, to)));
      } catch {
        broken++;
        return;
      }
      if (typeof row === 'object' && row !== null) table.row(row as NsysRow);
    },
    member() {},
  });
  return {
    push: (chunk) => scanner.push(chunk),
    end: (cut) => table.end(scanner.end() || cut || broken > 0),
    get events() {
      return table.events;
    },
  };
}

function csvReader(table: NsysTable): TraceReader {
  const decoder = new TextDecoder();
  let rest = '';
  let columns: readonly string[] | null = null;
  let over = false;

  const lines = (text: string): void => {
    // A blank line, or a line of nsys itself, ends the table.
    const block: string[] = [];
    for (const line of text.split(/\r?\n/)) {
      if (over) break;
      if (columns === null) {
        if (NSYS_HEADER.test(line)) columns = fieldsOf(line)[0] ?? null;
      } else if (line.trim() === '' || /^(?:Processing|Generating|NOTICE|\*\*)/.test(line))
        over = table.events > 0 || block.length > 0;
      else block.push(line);
    }
    for (const fields of fieldsOf(block.join('\n'))) {
      const row: Record<string, string> = {};
      columns?.forEach((column, i) => (row[column] = fields[i] ?? ''));
      table.row(row);
    }
  };
  return {
    push(chunk) {
      const text = rest + decoder.decode(chunk, { stream: true });
      const end = text.lastIndexOf('\n') + 1;
      rest = text.slice(end);
      if (end > 0 && !over) lines(text.slice(0, end - 1));
    },
    end(cut) {
      // A last line without an end may have lost a part of its name; nsys ends each with one.
      return table.end(cut || (rest.trim() !== '' && !over));
    },
    get events() {
      return table.events;
    },
  };
}

function fieldsOf(text: string): string[][] {
  return text === '' ? [] : Papa.parse<string[]>(text, { delimiter: ',' }).data;
}
