import { asSentence } from '../../core/base/say.ts';
import type { Chapter, Story as StoryType } from '../../core/detectors/detector.ts';
import { Moment } from '../controls/moment.tsx';

/** changed → broke first → hurts. A chapter nobody could date says so by having no time. */
export function Story({ story }: { readonly story: StoryType }) {
  const chapters: [string, Chapter][] = [];
  if (story.changed) chapters.push(['Changed', story.changed]);
  if (story.broke) chapters.push(['Broke first', story.broke]);
  if (story.hurts) chapters.push(['Hurts', story.hurts]);
  if (chapters.length === 0) return null;
  return (
    <ol aria-label="How it came about" className="mt-4 flex flex-col gap-3 sm:flex-row sm:gap-0">
      {chapters.map(([name, chapter], i) => (
        <li key={name} className="relative flex-1 text-[12.5px] leading-[18px] sm:pr-6">
          {i > 0 && (
            <span aria-hidden="true" className="absolute top-[18px] -left-[21px] hidden text-ink-3 sm:block">
              →
            </span>
          )}
          <div className="text-[11.8px] text-ink-3">
            {name}
            {chapter.at !== null && <Moment at={chapter.at} className="ml-1.5 font-mono text-ink" />}
          </div>
          <div className="text-[13.5px] leading-[19px] font-[620] text-ink">{chapter.title}</div>
          <div className="text-ink-2">{asSentence(chapter.says)}</div>
        </li>
      ))}
    </ol>
  );
}
