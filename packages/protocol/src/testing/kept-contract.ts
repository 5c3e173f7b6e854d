// What the first hosts and plugins spoke. It is written by hand and never follows the .proto files.

/** Fields of each kept message, in order; additions come after them. */
export const keptMessages: Readonly<Record<string, readonly string[]>> = {
  "common.v1.Message": [
    "id 1 string",
    "session_id 2 string",
    "role 3 common.v1.Role",
    "content 4 string",
    "tool_call_id 5 string",
    "tool_name 6 string",
    "created_at 7 google.protobuf.Timestamp",
    "metadata 8 map",
  ],
  "common.v1.ToolDefinition": [
    "name 1 string",
    "description 2 string",
    "input_schema 3 google.protobuf.Struct",
  ],
  "common.v1.ToolCall": ["id 1 string", "name 2 string", "arguments 3 string"],
  "common.v1.UserIdentity": [
    "user_id 1 string",
    "platform 2 string",
    "platform_user_id 3 string",
    "display_name 4 string",
  ],
  "common.v1.ChannelCapabilities": [
    "supports_media 1 bool",
    "supports_reactions 2 bool",
    "supports_threads 3 bool",
    "supports_editing 4 bool",
    "supports_typing 5 bool",
    "supports_voice 6 bool",
    "supports_rich_text 7 bool",
    "max_message_length 8 int32",
    "media_types 9 repeated string",
  ],
  "common.v1.ModelCapabilities": [
    "supports_tools 1 bool",
    "supports_vision 2 bool",
    "supports_streaming 3 bool",
    "supports_thinking 4 bool",
    "max_context_tokens 5 int32",
    "max_output_tokens 6 int32",
  ],
  "common.v1.Usage": [
    "input_tokens 1 int32",
    "output_tokens 2 int32",
    "cache_read_tokens 3 int32",
    "cache_write_tokens 4 int32",
  ],
  "plugin.v1.MediaAttachment": [
    "url 1 string",
    "mime_type 2 string",
    "filename 3 string",
    "size_bytes 4 int64",
  ],
  "plugin.v1.InitRequest": ["config 1 google.protobuf.Struct"],
  "plugin.v1.InitResponse": ["ok 1 bool", "error 2 string"],
  "plugin.v1.HealthResponse": ["status 1 plugin.v1.HealthStatus", "message 2 string"],
  "plugin.v1.ShutdownRequest": ["timeout_seconds 1 int32"],
  "plugin.v1.ShutdownResponse": ["clean 1 bool"],
  "plugin.v1.DescribeResponse": ["tools 1 repeated common.v1.ToolDefinition"],
  "plugin.v1.ExecuteRequest": [
    "tool_name 1 string",
    "arguments 2 string",
    "session_id 3 string",
    "timeout_seconds 4 int32",
  ],
  "plugin.v1.ExecuteChunk": [
    "text 1 string in chunk",
    "error 2 string in chunk",
    "done 3 bool in chunk",
  ],
  "plugin.v1.InboundMessage": [
    "message_id 1 string",
    "channel_id 2 string",
    "sender 3 common.v1.UserIdentity",
    "content 4 string",
    "thread_id 5 string",
    "media 6 repeated plugin.v1.MediaAttachment",
    "timestamp 7 google.protobuf.Timestamp",
    "metadata 8 map",
  ],
  "plugin.v1.SendRequest": [
    "channel_id 1 string",
    "content 2 string",
    "thread_id 3 string",
    "media 4 repeated plugin.v1.MediaAttachment",
    "typing_indicator 5 bool",
    "reply_to_message_id 6 string",
  ],
  "plugin.v1.SendResponse": ["ok 1 bool", "platform_message_id 2 string", "error 3 string"],
  "plugin.v1.UpdatePresenceRequest": ["channel_id 1 string", "status 2 plugin.v1.PresenceStatus"],
  "plugin.v1.UpdatePresenceResponse": ["ok 1 bool"],
  "plugin.v1.GetIdentityRequest": ["platform_user_id 1 string"],
  "plugin.v1.ListModelsResponse": ["models 1 repeated plugin.v1.ModelInfo"],
  "plugin.v1.ModelInfo": [
    "id 1 string",
    "name 2 string",
    "provider 3 string",
    "capabilities 4 common.v1.ModelCapabilities",
  ],
  "plugin.v1.ChatRequest": [
    "model 1 string",
    "messages 2 repeated common.v1.Message",
    "tools 3 repeated common.v1.ToolDefinition",
    "system_prompt 4 string",
    "options 5 plugin.v1.ChatOptions",
  ],
  "plugin.v1.ChatOptions": [
    "temperature 1 float",
    "max_tokens 2 int32",
    "stop_sequences 3 repeated string",
    "stream 4 bool",
  ],
  "plugin.v1.ChatEvent": [
    "text_delta 1 plugin.v1.TextDelta in event",
    "tool_call 2 common.v1.ToolCall in event",
    "usage 3 common.v1.Usage in event",
    "done 4 bool in event",
    "error 5 string in event",
  ],
  "plugin.v1.TextDelta": ["text 1 string"],
  "plugin.v1.StatusResponse": [
    "available 1 bool",
    "provider 2 string",
    "message 3 string",
    "failure_count 4 int64",
    "last_failure_at 5 google.protobuf.Timestamp",
    "cooldown_until 6 google.protobuf.Timestamp",
  ],
};

/** Names of each kept enum's values, from number 0 upward. */
export const keptEnums: Readonly<Record<string, readonly string[]>> = {
  "common.v1.Role": ["ROLE_UNSPECIFIED", "ROLE_USER", "ROLE_ASSISTANT", "ROLE_SYSTEM", "ROLE_TOOL"],
  "plugin.v1.HealthStatus": [
    "HEALTH_STATUS_UNSPECIFIED",
    "HEALTH_STATUS_HEALTHY",
    "HEALTH_STATUS_DEGRADED",
    "HEALTH_STATUS_UNHEALTHY",
  ],
  "plugin.v1.PresenceStatus": [
    "PRESENCE_STATUS_UNSPECIFIED",
    "PRESENCE_STATUS_ONLINE",
    "PRESENCE_STATUS_TYPING",
    "PRESENCE_STATUS_OFFLINE",
  ],
};

/** Methods of each kept service. */
export const keptMethods: Readonly<Record<string, readonly string[]>> = {
  "plugin.v1.PluginLifecycle": [
    "Init plugin.v1.InitRequest -> plugin.v1.InitResponse",
    "Health plugin.v1.HealthRequest -> plugin.v1.HealthResponse",
    "Shutdown plugin.v1.ShutdownRequest -> plugin.v1.ShutdownResponse",
  ],
  "plugin.v1.Tool": [
    "Describe plugin.v1.DescribeRequest -> plugin.v1.DescribeResponse",
    "Execute plugin.v1.ExecuteRequest -> stream plugin.v1.ExecuteChunk",
  ],
  "plugin.v1.Channel": [
    "Start plugin.v1.StartRequest -> stream plugin.v1.InboundMessage",
    "Send plugin.v1.SendRequest -> plugin.v1.SendResponse",
    "UpdatePresence plugin.v1.UpdatePresenceRequest -> plugin.v1.UpdatePresenceResponse",
    "GetIdentity plugin.v1.GetIdentityRequest -> common.v1.UserIdentity",
  ],
  "plugin.v1.Provider": [
    "ListModels plugin.v1.ListModelsRequest -> plugin.v1.ListModelsResponse",
    "Chat plugin.v1.ChatRequest -> stream plugin.v1.ChatEvent",
    "Status plugin.v1.StatusRequest -> plugin.v1.StatusResponse",
  ],
};
