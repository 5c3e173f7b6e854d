import { GRPCController, GRPCStdio, Health } from "@sigilrt/protocol/goplugin";
import { clientMethod } from "@sigilrt/protocol/node";
import {
  Channel,
  ChannelProfile,
  Lane,
  PluginLifecycle,
  Provider,
  Tool,
} from "@sigilrt/protocol/plugin/v1";

/** Every method this host calls. */
export const methods = {
  check: clientMethod(Health.method.check),
  shutdownServer: clientMethod(GRPCController.method.shutdown),
  stdio: clientMethod(GRPCStdio.method.streamStdio),
  openLane: clientMethod(Lane.method.open),
  init: clientMethod(PluginLifecycle.method.init),
  health: clientMethod(PluginLifecycle.method.health),
  shutdown: clientMethod(PluginLifecycle.method.shutdown),
  describe: clientMethod(Tool.method.describe),
  execute: clientMethod(Tool.method.execute),
  channelStart: clientMethod(Channel.method.start),
  channelSend: clientMethod(Channel.method.send),
  channelPresence: clientMethod(Channel.method.updatePresence),
  channelIdentity: clientMethod(Channel.method.getIdentity),
  channelProfile: clientMethod(ChannelProfile.method.describe),
  providerModels: clientMethod(Provider.method.listModels),
  providerChat: clientMethod(Provider.method.chat),
  providerStatus: clientMethod(Provider.method.status),
};
