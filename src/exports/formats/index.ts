import type { ExportFormat } from '../export-format.ts';
import { csv } from './csv.ts';
import { d0010 } from './d0010.ts';
import { d0149 } from './d0149.ts';
import { d0150 } from './d0150.ts';
import { espi } from './espi.ts';
import { nem12 } from './nem12.ts';
import { nem13 } from './nem13.ts';

/** Every format that readings can be exported in, as menus list them. */
export const exportFormats: readonly ExportFormat[] = [csv, nem12, nem13, d0010, d0150, d0149, espi];
