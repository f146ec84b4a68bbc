using System.Text.Json;

namespace Quoin.Inference.Internal;

/// <summary>The schema of a tool's arguments.</summary>
internal static class ToolSchema
{
    /// <summary>Writes it; every vendor wants an object, also for a tool that takes nothing, or only text.</summary>
    public static void Write(Utf8JsonWriter writer, ModelTool tool)
    {
        if (tool.Parameters is { } parameters)
        {
            parameters.WriteTo(writer);
            return;
        }

        writer.WriteStartObject();
        writer.WriteString("type", "object");
        writer.WriteStartObject("properties");
        if (tool.IsFreeform)
        {
            writer.WriteStartObject("input");
            writer.WriteString("type", "string");
            writer.WriteEndObject();
        }

        writer.WriteEndObject();
        if (tool.IsFreeform)
        {
            writer.WriteStartArray("required");
            writer.WriteStringValue("input");
            writer.WriteEndArray();
        }

        writer.WriteEndObject();
    }
}
