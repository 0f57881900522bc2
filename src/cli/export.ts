import { Command, Option } from 'commander';
import { SourceError } from '../sources/errors.ts';
import { GPU_EXPORTERS, type GpuExporter, scrapeConfig } from '../sources/scrape-config.ts';
import { EXIT } from './exit.ts';
import { alertRulesCommand, grafanaCommand, persesCommand, recordingRulesCommand } from './exports.ts';
import { incidentNoteCommand } from './incident-note.ts';
import { addSourceOptions, chosenSource, type SourceOptions } from './sources.ts';

/**
 * Files for the programs beside us.
 * @param parent whose settings hold here too, down to the last command
 * @param done is told the exit code: 0, or 2 where nothing could be written
 */
export function exportCommand(parent: Command, version: string, done: (exit: number) => void): Command {
  return new Command('export')
    .description('configuration for the programs beside this one, and what is written for people')
    .copyInheritedSettings(parent)
    .addCommand(alertRulesCommand(done).copyInheritedSettings(parent))
    .addCommand(recordingRulesCommand(done).copyInheritedSettings(parent))
    .addCommand(grafanaCommand(done).copyInheritedSettings(parent))
    .addCommand(persesCommand(done).copyInheritedSettings(parent))
    .addCommand(scrapeConfigCommand(done).copyInheritedSettings(parent))
    .addCommand(incidentNoteCommand(version, done).copyInheritedSettings(parent));
}

interface Options extends SourceOptions {
  readonly selector: string;
  readonly job: string;
  readonly gpu?: GpuExporter;
}

function scrapeConfigCommand(done: (exit: number) => void): Command {
  return addSourceOptions(
    new Command('scrape-config').description('the Prometheus job that scrapes the vLLM servers at hand every 5 s'),
  )
    .option('--selector <matchers>', 'label matchers that narrow the scope of a source', '')
    .option('--job <name>', 'name of the job', 'vllm')
    .addOption(
      new Option('--gpu <exporter>', 'adds a job for the GPU exporter on the same hosts').choices(
        Object.keys(GPU_EXPORTERS),
      ),
    )
    .addHelpText(
      'after',
      '\nExample:\n  vllm-triage export scrape-config --metrics http://vllm-0:8000/metrics --gpu dcgm > prometheus.yml',
    )
    .action(async (_: unknown, command: Command) => {
      const { job, gpu, ...options } = command.opts<Options>();
      try {
        const targets = options.metrics.length > 0 ? options.metrics : await instancesOf(options);
        process.stdout.write(scrapeConfig({ targets, job, ...(gpu === undefined ? {} : { gpu }) }));
        done(EXIT.healthy);
      } catch (error) {
        if (!(error instanceof Error)) throw error;
        process.stderr.write(`error: ${error.message}\n`);
        done(EXIT.usage);
      }
    });
}

/** Every instance a source holds an engine of. @throws Error with what is missing */
async function instancesOf(options: SourceOptions & { readonly selector: string }): Promise<string[]> {
  const chosen = chosenSource(options);
  if (typeof chosen === 'string') throw new Error(`${chosen}`);
  const source = await chosen.open();
  const { replicas } = await source.read(
    { from: 'start', to: chosen.live ? 'now' : 'end', selector: options.selector, knobs: {} },
    new AbortController().signal,
  );
  if (replicas.length === 0) throw new SourceError('empty', `${source.label} holds no vLLM server in scope`);
  return [...new Set(replicas.map(({ instance }) => instance))];
}
