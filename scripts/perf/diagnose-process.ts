// Judges one fleet and prints its figures as JSON; started by diagnose.ts. The argument is the number of replicas.
import { judgeFleet } from './judge-fleet.ts';

process.stdout.write(JSON.stringify(await judgeFleet(Number(process.argv[2]))));
