#!/usr/bin/env node
// `npm run demo`: makes sure that all is there, then writes a folder that shows the viewer (main.ts).
import { startProgram } from '../../../scripts/startProgram.mjs';

await startProgram(() => import('./main.ts'));
