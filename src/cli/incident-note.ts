import { writeFile } from 'node:fs/promises';
import { Command } from 'commander';
import { endOf, type Grid } from '../core/base/grid.ts';
import { sayCount } from '../core/base/say.ts';
import { type Redaction, REDACTIONS, redact } from '../core/snapshot/redact.ts';
import { diagnose } from '../core/verdict/diagnose.ts';
import { chaptersOf } from '../core/verdict/chapters.ts';
import { judgeMoments } from '../core/verdict/history.ts';
import { toNote } from '../core/verdict/note.ts';
import { type ProfileId, type Targets, targetsOf } from '../core/verdict/profiles.ts';
import { type Archive, writeArchive } from '../sources/snapshot/archive.ts';
import { evidenceIsLess, requestOf } from './diagnose.ts';
import { EXIT } from './exit.ts';
import { pageLink } from './page-link.ts';
import { addSourceOptions, type ChosenSource, chosenSource, type SourceOptions } from './sources.ts';
import { collectKnob, parseDuration, parseProfile, parseRedactions, parseTime } from './values.ts';

interface Options extends SourceOptions {
  readonly selector: string;
  readonly model?: string;
  readonly at?: number | 'now';
  readonly range?: number;
  readonly profile?: ProfileId;
  readonly knob: Record<string, number>;
  readonly app?: string;
  readonly bundle?: string;
  readonly redact?: ReadonlySet<Redaction> | true;
  readonly timeout: number;
}

/** @param done is told the exit code: 0, or 2 where nothing could be written */
export function incidentNoteCommand(version: string, done: (exit: number) => void): Command {
  return addSourceOptions(
    new Command('incident-note').description(
      'the incident in Markdown, for GitHub, Slack and Jira: what, since when, why, what to do',
    ),
  )
    .option('--selector <matchers>', 'label matchers, PromQL form: \'{job="vllm"}\'', '')
    .option('--model <name>', 'served model; default: all')
    .option('--at <time>', 'RFC 3339, unix seconds or "now"; default: now, of a recording its end', parseTime)
    .option('--range <duration>', 'how far to look back; default 30m', parseDuration)
    .option('--profile <name>', 'SLO profile; default: chat, of a snapshot its own', parseProfile)
    .option('--knob <name=value>', 'what the metrics do not tell, e.g. max-num-seqs=64; repeatable', collectKnob, {})
    .option('--app <url>', 'address of the page; the note then links to what it shows of a --prometheus source')
    .option(
      '--bundle <file>',
      'also writes a zip: note, verdict, health report, arguments, versions, lengths, topology, metrics, snapshot; it is not locked',
    )
    .option(
      '--redact [kinds]',
      `names in note and zip become aliases; all of them, or some by commas: ${REDACTIONS.map(({ id }) => id).join(', ')}`,
      parseRedactions,
    )
    .option('--timeout <duration>', 'for the whole read', parseDuration, 30)
    .addHelpText(
      'after',
      '\nExample:\n  vllm-triage export incident-note --prometheus http://prometheus:9090 --app https://triage.example > note.md\n  vllm-triage export incident-note --recording incident.om.gz --bundle incident.zip --redact > note.md',
    )
    .action(async (_: unknown, command: Command) => {
      try {
        process.stdout.write(await act(command.opts<Options>(), version));
        done(EXIT.healthy);
      } catch (error) {
        if (!(error instanceof Error)) throw error;
        process.stderr.write(`error: ${error.message}\n`);
        done(EXIT.usage);
      }
    });
}

/** @returns the note, with the archive written if asked for. @throws SourceError, or Error with what is missing */
async function act(options: Options, version: string): Promise<string> {
  const chosen = chosenSource(options);
  if (typeof chosen === 'string') throw new Error(chosen);
  if (options.app !== undefined && !/^https?:\/\//.test(options.app))
    throw new Error(`--app ${options.app}: expected an address such as https://triage.example`);
  const source = await chosen.open();
  const measured = await source.read(requestOf(options, chosen.live), AbortSignal.timeout(options.timeout * 1000));
  const { frozen } = source;
  const kinds = options.redact === true ? new Set(REDACTIONS.map(({ id }) => id)) : (options.redact ?? new Set());
  // Of too little evidence nothing can be judged again, and there is no timeline.
  if (frozen && evidenceIsLess(frozen)) {
    if (options.bundle !== undefined || kinds.size > 0)
      throw new Error(
        `${frozen.damage[0] ?? 'This snapshot is reduced.'} It holds one verdict alone, without what --bundle and --redact need.`,
      );
    return toNote({ verdict: frozen.verdict, chapters: [], link: null, version });
  }
  const targets = options.profile === undefined && frozen ? frozen.targets : targetsOf(options.profile ?? 'chat');
  const link = kinds.size > 0 ? null : linkTo(chosen, options, measured.grid, targets);
  if (options.bundle !== undefined) {
    const archive = await writeArchive({
      evidence: measured,
      targets,
      redactions: [...kinds],
      given: options.knob,
      link,
      pages: (await source.pages?.()) ?? [],
      version,
      takenAt: Math.round(Date.now() / 1000),
    });
    await saveArchive(options.bundle, archive, kinds.size > 0);
    return archive.note;
  }
  const { evidence } = redact(measured, kinds);
  const verdict = diagnose(evidence, targets);
  const chapters = chaptersOf([...judgeMoments(evidence, targets)]);
  return toNote({ verdict, chapters, link, version });
}

async function saveArchive(file: string, { bytes, files, aliases, left }: Archive, redacted: boolean): Promise<void> {
  await writeFile(file, bytes).catch((error: NodeJS.ErrnoException) => {
    throw new Error(`cannot write ${file}: ${error.message}`);
  });
  const said = [
    sayCount(files.length, 'file'),
    ...(redacted ? [`${sayCount(aliases.length, 'name')} replaced`] : []),
    `${Math.ceil(bytes.length / 1000)} kB`,
  ];
  process.stderr.write(`saved ${file}: ${said.join(', ')}\n`);
  if (left.length > 0) process.stderr.write(`still in it, as ordinary words or parts of them: ${left.join(', ')}\n`);
}

function linkTo(chosen: ChosenSource, { app, selector, model }: Options, grid: Grid, targets: Targets): string | null {
  if (app === undefined) return null;
  return pageLink({
    page: app,
    source: chosen,
    selector,
    model,
    profile: targets.profile,
    from: grid.from,
    to: endOf(grid),
  });
}
