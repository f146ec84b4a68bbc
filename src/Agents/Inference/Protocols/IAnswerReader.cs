using System.Text.Json;

namespace Quoin.Inference.Internal;

/// <summary>Reads a provider's answer in one protocol and tells it to a sink.</summary>
internal interface IAnswerReader
{
    /// <summary>Whether the provider has said that this is all.</summary>
    bool IsComplete { get; }

    /// <summary>Reads a plain answer.</summary>
    void ReadPlain(JsonElement answer);

    /// <summary>Reads an event of a streamed answer.</summary>
    void ReadEvent(in SseEvent one);

    /// <summary>The provider closed the stream; whether the answer is whole.</summary>
    bool EndOfStream();
}
