using System.Text.Json;
using System.Text.Json.Serialization;
using Quoin.Kernel;

namespace Quoin.Platform;

/// <summary>Ids of every type as their prefixed text, as values and as member names.</summary>
internal sealed class IdConverterFactory : JsonConverterFactory
{
    /// <summary>Whether a type is an id, and so is text outside.</summary>
    public static bool IsId(Type type) =>
        type.IsValueType && type.GetInterfaces().Any(face =>
            face.IsGenericType && face.GetGenericTypeDefinition() == typeof(IId<>) && face.GenericTypeArguments[0] == type);

    public override bool CanConvert(Type typeToConvert) => IsId(typeToConvert);

    public override JsonConverter CreateConverter(Type typeToConvert, JsonSerializerOptions options) =>
        (JsonConverter)Activator.CreateInstance(typeof(IdConverter<>).MakeGenericType(typeToConvert))!;

    private sealed class IdConverter<TId> : JsonConverter<TId>
        where TId : struct, IId<TId>
    {
        public override TId Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            Id.TryParse<TId>(reader.Text(), out var id) ? id : throw new JsonException($"Expected a {TId.Prefix}_… id.");

        public override void Write(Utf8JsonWriter writer, TId value, JsonSerializerOptions options) =>
            writer.WriteStringValue(IdText.Format(TId.Prefix, value.Value));

        public override TId ReadAsPropertyName(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            Id.TryParse<TId>(reader.GetString(), out var id) ? id : throw new JsonException($"Expected a {TId.Prefix}_… id.");

        public override void WriteAsPropertyName(Utf8JsonWriter writer, TId value, JsonSerializerOptions options) =>
            writer.WritePropertyName(IdText.Format(TId.Prefix, value.Value));
    }
}
