// Which exported alert fires when on the labelled recordings; writes docs/alerts.md. Run by `npm run alerts`.
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { alertRows } from './evaluation/alerts.ts';
import { alertsPage } from './evaluation/report/alerts.ts';

const page = fileURLToPath(new URL('../docs/alerts.md', import.meta.url));
const rows = await alertRows();
await writeFile(page, alertsPage(rows));
process.stdout.write(`${rows.length} recordings; docs/alerts.md written\n`);
