import 'reflect-metadata';
import { readSettings } from './settings.js';

readSettings(process.env);
