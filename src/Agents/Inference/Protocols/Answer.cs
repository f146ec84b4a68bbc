namespace Quoin.Inference.Internal;

/// <summary>Why a model stopped.</summary>
internal enum FinishReason
{
    /// <summary>It had said everything.</summary>
    Done,

    /// <summary>It came to a text the client wanted it to stop at.</summary>
    StopSequence,

    /// <summary>It reached the bound of its output.</summary>
    Length,

    /// <summary>It waits for tools.</summary>
    ToolCalls,

    /// <summary>Its vendor holds the rest back.</summary>
    Filtered,
}

/// <summary>
/// Takes an answer piece by piece, in no vendor's words, and writes it in one protocol, plain or as a stream. Every reader
/// of a provider's answer feeds any of them, so that two protocols that know nothing of each other meet here.
/// </summary>
internal interface IAnswerSink
{
    /// <summary>The answer begins.</summary>
    /// <param name="id">The provider's id of it.</param>
    /// <param name="model">The model that answers.</param>
    /// <param name="usage">What is known to be used so far; an estimate where the provider counts at the end.</param>
    void Begin(string id, string model, ModelUsage usage);

    /// <summary>More text.</summary>
    void Text(string text);

    /// <summary>More of what the model thinks.</summary>
    void Reasoning(string text);

    /// <summary>The vendor's proof of what was thought, after all of it.</summary>
    void Signature(string signature);

    /// <summary>A call of a tool begins.</summary>
    void ToolCall(string id, string name);

    /// <summary>More of the arguments of the call that began last.</summary>
    void ToolArguments(string json);

    /// <summary>What was used, as far as it is known now.</summary>
    void Usage(ModelUsage usage);

    /// <summary>Why the model stopped.</summary>
    void Finish(FinishReason reason, string? stopSequence = null);

    /// <summary>Nothing more comes.</summary>
    void End();

    /// <summary>The answer broke off.</summary>
    void Fail(string type, string message);
}
