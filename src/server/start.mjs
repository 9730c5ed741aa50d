#!/usr/bin/env node
// `npm start`: makes sure that all is there, then serves the viewer (main.ts).
import { startProgram } from '../../scripts/startProgram.mjs';

await startProgram(() => import('./main.ts'));
