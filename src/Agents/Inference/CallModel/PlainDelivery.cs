using System.Buffers;
using System.Text.Json;
using Microsoft.Extensions.Logging;

namespace Quoin.Inference.Internal;

/// <summary>Every way reading a plain answer can end.</summary>
internal abstract record PlainOutcome
{
    private PlainOutcome()
    {
    }

    /// <summary>It is there, in the client's protocol.</summary>
    public sealed record Whole(ReadOnlyMemory<byte> Body, ModelUsage Usage) : PlainOutcome;

    /// <summary>The client has gone; the provider may have answered or not.</summary>
    public sealed record ClientGone : PlainOutcome;

    /// <summary>The provider broke off, took too long, or sent something that is no answer.</summary>
    public sealed record Broken(bool IsSlow) : PlainOutcome;
}

/// <summary>Reads a plain answer, counts it, and translates it where the client speaks another protocol.</summary>
internal sealed class PlainDelivery(PreparedCall call, ProviderAnswer answer, ILogger logger)
{
    private const int FirstBytes = 16 * 1024;

    public async Task<PlainOutcome> Run()
    {
        try
        {
            var body = answer.Body ?? await ReadAll(answer.Response, answer.Patience, Limits.AnswerBytesMax);
            var protocol = answer.Candidate.Protocol;
            var usage = UsageRules.Find(protocol, body.WrittenSpan)
                ?? CountedUsage.OfAnswer(call, answer.Candidate.Deployment.Name, body.WrittenSpan);
            if (protocol == call.Call.Protocol)
            {
                return new PlainOutcome.Whole(body.WrittenMemory, usage);
            }

            var output = new ArrayBufferWriter<byte>(body.WrittenCount + 256);
            Translation.Answer(protocol, body.WrittenMemory, call.Call.Protocol, call.Body, call.AnswerHead, output);
            return new PlainOutcome.Whole(output.WrittenMemory, usage);
        }
        catch (Exception exception) when (Dispatch.IsOfProvider(exception) || exception is RefusedRequestException)
        {
            if (answer.Patience.IsClientGone)
            {
                return new PlainOutcome.ClientGone();
            }

            var isSlow = exception is OperationCanceledException;
            Log.ProviderBrokeOff(
                logger, call.Call.Id, answer.Candidate.Deployment.Provider.Name, isSlow ? "it took too long" : exception.Message);
            return new PlainOutcome.Broken(isSlow);
        }
    }

    /// <summary>Reads a whole body.</summary>
    /// <exception cref="InvalidDataException">It is larger than allowed.</exception>
    public static async Task<ArrayBufferWriter<byte>> ReadAll(HttpResponseMessage response, Patience patience, int bytesMax)
    {
        var expected = response.Content.Headers.ContentLength ?? FirstBytes;
        if (expected > bytesMax)
        {
            throw new InvalidDataException($"The answer has {expected} bytes.");
        }

        var body = new ArrayBufferWriter<byte>((int)Math.Max(expected + 1, FirstBytes));
        await using var stream = await response.Content.ReadAsStreamAsync(patience.Token);
        while (await stream.ReadAsync(body.GetMemory(), patience.Token) is > 0 and var read)
        {
            body.Advance(read);
            patience.Renew();
            if (body.WrittenCount > bytesMax)
            {
                throw new InvalidDataException($"The answer has more than {bytesMax} bytes.");
            }
        }

        return body;
    }
}
