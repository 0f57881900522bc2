import { Download } from 'lucide-react';
import { Button } from '../ui/controls/button.tsx';
import { EXPORT_FILES, type ExportSubject } from './export-files.ts';
import { saveFile } from '../ui/controls/save-file.ts';

/** What can be taken away, each with a button that saves it. In a chunk of its own, with all that writes files. */
export default function ExportSheet({ subject }: { readonly subject: ExportSubject }) {
  return (
    <ul className="divide-y divide-hairline">
      {EXPORT_FILES.map((one) => (
        <li key={one.id} className="flex flex-wrap items-center gap-x-4 gap-y-2 py-3">
          <div className="min-w-[220px] flex-1">
            <h3 className="font-[620]">{one.title}</h3>
            <p className="text-[12.5px] text-ink-3">{one.says}</p>
          </div>
          <Button
            aria-label={`Save ${one.file}`}
            onClick={() => saveFile(one.file, new Blob([one.make(subject)], { type: one.type }))}
          >
            <Download size={14} aria-hidden="true" /> {one.file}
          </Button>
        </li>
      ))}
    </ul>
  );
}
