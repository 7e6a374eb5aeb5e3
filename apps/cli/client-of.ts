import type { Command } from 'commander';
import { ApiClient } from './api-client.js';
import { colours, type Colours } from './colour.js';
import { findApi } from './find-api.js';
import type { World } from './world.js';

/** The API, ready to be asked. */
export function clientOf(world: World): ApiClient {
  return new ApiClient(findApi(world), world.user, world.interrupted);
}

/** Colours as the command line and the terminal want them. */
export function coloursOf(world: World, command: Command): Colours {
  return colours(world, command.optsWithGlobals<{ color: boolean }>().color);
}
