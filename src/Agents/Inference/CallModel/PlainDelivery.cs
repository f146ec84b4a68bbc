using System.Buffers;
using System.Text.Json;
using Microsoft.Extensions.Logging;

namespace Quoin.Inference.Internal;

/// <summary>A plain answer.</summary>
/// <param name="Body">The answer, in the client's protocol.</param>
/// <param name="Usage">What it used.</param>
internal sealed record PlainAnswer(ReadOnlyMemory<byte> Body, ModelUsage Usage);

/// <summary>Reads a plain answer, counts it, and translates it where the client speaks another protocol.</summary>
internal static class PlainDelivery
{
    private const int FirstBytes = 16 * 1024;

    /// <summary>The answer as the client gets it; null where the provider sent something that is none.</summary>
    public static PlainAnswer? Of(PreparedCall call, ProviderAnswer answer, ILogger logger)
    {
        try
        {
            var (body, protocol) = (answer.Body!, answer.Candidate.Protocol);
            var usage = UsageRules.Find(protocol, body.WrittenSpan)
                ?? CountedUsage.OfAnswer(call, answer.Candidate.Deployment.Name, body.WrittenSpan);
            if (protocol == call.Call.Protocol)
            {
                return new PlainAnswer(ToldCosts.Without(body.WrittenMemory), usage);
            }

            var output = new ArrayBufferWriter<byte>(body.WrittenCount + 256);
            Translation.Answer(protocol, body.WrittenMemory, call.Call.Protocol, call.Body, call.AnswerHead, output);
            return new PlainAnswer(output.WrittenMemory, usage);
        }
        catch (Exception exception) when (exception is JsonException or InvalidDataException || StreamDelivery.IsNoAnswer(exception))
        {
            Log.ProviderBrokeOff(logger, call.Call.Id, answer.Candidate.Deployment.Provider.Name, exception.Message);
            return null;
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
