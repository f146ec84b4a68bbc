using System.Globalization;
using System.Text.Json;

namespace Quoin.Inference.Internal;

/// <summary>
/// Reads answers of Gemini's <c>generateContent</c>; the events of <c>streamGenerateContent</c> have the same shape, each with
/// what is new, and the stream ends without a word. Source: "Gemini API reference" v1beta, <c>GenerateContentResponse</c>.
/// </summary>
internal sealed class GeminiAnswer(IAnswerSink sink, AnswerHead head, ModelUsage estimate) : IAnswerReader
{
    private bool hasBegun;
    private bool hasFinished;
    private string id = "";
    private int calls;
    private FinishReason reason;

    public bool IsComplete { get; private set; }

    public void ReadPlain(JsonElement answer)
    {
        Read(answer);
        Finish();
    }

    public void ReadEvent(in SseEvent one)
    {
        if (one.Data.Length == 0 || IsComplete)
        {
            return;
        }

        using var document = JsonDocument.Parse(one.Data);
        if (document.RootElement.Object("error") is { } error)
        {
            IsComplete = true;
            sink.Fail("server_error", error.Text("message") ?? "The provider broke off.");
            return;
        }

        Read(document.RootElement);
    }

    public bool EndOfStream()
    {
        if (!IsComplete && hasFinished)
        {
            Finish();
        }

        return IsComplete;
    }

    private void Read(JsonElement answer)
    {
        if (!hasBegun)
        {
            hasBegun = true;
            id = head.IdOr(answer.Text("responseId"));
            sink.Begin(id, head.ModelOr(answer.Text("modelVersion")), estimate);
        }

        if (answer.Items("candidates").FirstOrDefault() is { ValueKind: JsonValueKind.Object } candidate)
        {
            foreach (var part in candidate.Object("content")?.Items("parts") ?? [])
            {
                Part(part);
            }

            if (candidate.Text("finishReason") is { } finish)
            {
                hasFinished = true;
                reason = ReasonOf(finish);
            }
        }

        // A prompt that is held back has no candidate.
        if (answer.Object("promptFeedback")?.Text("blockReason") is not null)
        {
            (hasFinished, reason) = (true, FinishReason.Filtered);
        }

        if (answer.Object("usageMetadata") is { } usage)
        {
            sink.Usage(UsageRules.Read(Protocol.GeminiGenerateContent, usage));
        }
    }

    private void Part(JsonElement part)
    {
        if (part.Object("functionCall") is { } call)
        {
            var own = call.Text("id") ?? string.Create(CultureInfo.InvariantCulture, $"call_{id}_{calls}");
            calls++;
            sink.ToolCall(GeminiCallId.Of(own, part.Text("thoughtSignature")), call.Text("name") ?? "");
            sink.ToolArguments(call.Member("args")?.GetRawText() ?? "{}");
        }
        else if (part.Text("text") is { Length: > 0 } text)
        {
            if (part.Flag("thought") == true)
            {
                sink.Reasoning(text);
            }
            else
            {
                sink.Text(text);
            }
        }
    }

    private static FinishReason ReasonOf(string reason) => reason switch
    {
        "STOP" or "FINISH_REASON_UNSPECIFIED" or "OTHER" => FinishReason.Done,
        "MAX_TOKENS" => FinishReason.Length,
        _ => FinishReason.Filtered,
    };

    // That it waits for tools it does not say.
    private void Finish()
    {
        IsComplete = true;
        sink.Finish(calls > 0 && reason == FinishReason.Done ? FinishReason.ToolCalls : reason);
        sink.End();
    }
}
