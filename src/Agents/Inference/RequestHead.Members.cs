using System.Text;
using System.Text.Json;
using Quoin.Inference.Internal;

namespace Quoin.Inference;

/// <summary>
/// The members of a request that decide what it uses. A provider may read a request otherwise than it is read here: some take
/// the last of two members of one name, some the first, some do not tell capitals from small letters. So each of these stands once,
/// and is written as its protocol says.
/// </summary>
public sealed partial class RequestHead
{
    private const int LongestName = 32;

    private static readonly (HeadMembers Member, byte[] Name)[] Names =
    [
        .. new (HeadMembers Member, string Name)[]
        {
            (HeadMembers.Model, "model"),
            (HeadMembers.Stream, "stream"),
            (HeadMembers.MaxTokens, "max_tokens"),
            (HeadMembers.MaxCompletionTokens, "max_completion_tokens"),
            (HeadMembers.MaxOutputTokens, "max_output_tokens"),
            (HeadMembers.Answers, "n"),
            (HeadMembers.BestOf, "best_of"),
            (HeadMembers.StreamOptions, "stream_options"),
            (HeadMembers.User, "user"),
            (HeadMembers.SafetyIdentifier, "safety_identifier"),
            (HeadMembers.Background, "background"),
            (HeadMembers.ServiceTier, "service_tier"),
            (HeadMembers.Speed, "speed"),
            (HeadMembers.Prompt, "prompt"),
            (HeadMembers.Input, "input"),
            (HeadMembers.Tools, "tools"),
            (HeadMembers.WebSearchOptions, "web_search_options"),
            (HeadMembers.McpServers, "mcp_servers"),
        }.Select(one => (one.Member, Encoding.ASCII.GetBytes(one.Name))),
    ];

    // By which who calls a gateway, and not a model, has others answer: another model, another address, another account.
    private static readonly byte[][] ChoosingOthers =
    [
        .. new[]
        {
            "models", "fallbacks", "context_window_fallbacks", "content_policy_fallbacks", "route", "plugins", "model_list",
            "user_config", "api_base", "base_url", "api_key", "custom_llm_provider", "mock_response", "mock_testing_fallbacks",
            "mock_testing_context_fallbacks", "mock_testing_content_policy_fallbacks", "mock_timeout",
        }.Select(Encoding.ASCII.GetBytes),
    ];

    [Flags]
    private enum HeadMembers
    {
        None = 0,
        Model = 1,
        Stream = 1 << 1,
        MaxTokens = 1 << 2,
        MaxCompletionTokens = 1 << 3,
        MaxOutputTokens = 1 << 4,
        Answers = 1 << 5,
        BestOf = 1 << 6,
        StreamOptions = 1 << 7,
        User = 1 << 8,
        SafetyIdentifier = 1 << 9,
        Background = 1 << 10,
        ServiceTier = 1 << 11,
        Speed = 1 << 12,
        Prompt = 1 << 13,
        Input = 1 << 14,
        Tools = 1 << 15,
        WebSearchOptions = 1 << 16,
        McpServers = 1 << 17,
    }

    // Those that mean something in the protocol; elsewhere they are as any other.
    private HeadMembers Meant => protocol switch
    {
        Protocol.OpenAiChat => ~(HeadMembers.MaxOutputTokens | HeadMembers.Background | HeadMembers.Speed | HeadMembers.Prompt
            | HeadMembers.Input | HeadMembers.McpServers),
        Protocol.OpenAiCompletions => ~(HeadMembers.MaxOutputTokens | HeadMembers.MaxCompletionTokens | HeadMembers.Background
            | HeadMembers.Speed | HeadMembers.Input | HeadMembers.McpServers),
        Protocol.OpenAiResponses => ~(HeadMembers.MaxTokens | HeadMembers.MaxCompletionTokens | HeadMembers.Answers
            | HeadMembers.BestOf | HeadMembers.Speed | HeadMembers.Prompt | HeadMembers.Input | HeadMembers.McpServers),
        Protocol.OpenAiEmbeddings => HeadMembers.Model | HeadMembers.User | HeadMembers.Input | HeadMembers.ServiceTier,
        _ => ~(HeadMembers.MaxOutputTokens | HeadMembers.MaxCompletionTokens | HeadMembers.Answers | HeadMembers.BestOf
            | HeadMembers.StreamOptions | HeadMembers.Background | HeadMembers.Prompt | HeadMembers.Input
            | HeadMembers.WebSearchOptions),
    };

    private HeadMembers MemberOf(in Utf8JsonReader reader)
    {
        // Escaped, a letter has six bytes.
        if (reader.ValueSpan.Length > LongestName * 6)
        {
            return HeadMembers.None;
        }

        Span<byte> written = stackalloc byte[LongestName * 6];
        written = written[..reader.CopyString(written)];
        Span<byte> folded = stackalloc byte[written.Length];
        folded = folded[..Fold(written, folded)];
        foreach (var (member, name) in Names)
        {
            if (!folded.SequenceEqual(name) || !Meant.HasFlag(member))
            {
                continue;
            }

            if (!written.SequenceEqual(name))
            {
                throw JsonMembers.Wrong($"'{Encoding.UTF8.GetString(written)}' must be written '{Encoding.ASCII.GetString(name)}'.");
            }

            if (seen.HasFlag(member))
            {
                throw JsonMembers.Wrong($"'{Encoding.ASCII.GetString(name)}' is there twice.");
            }

            seen |= member;
            return member;
        }

        return HeadMembers.None;
    }

    // As those fold who do not tell capitals from small letters: two letters outside ASCII are taken for s and k.
    private static int Fold(ReadOnlySpan<byte> name, Span<byte> folded)
    {
        var length = 0;
        for (var index = 0; index < name.Length; index++)
        {
            if (name[index..].StartsWith("\u017f"u8))
            {
                folded[length++] = (byte)'s';
                index += 1;
            }
            else if (name[index..].StartsWith("\u212a"u8))
            {
                folded[length++] = (byte)'k';
                index += 2;
            }
            else
            {
                folded[length++] = name[index] is >= (byte)'A' and <= (byte)'Z' ? (byte)(name[index] + 32) : name[index];
            }
        }

        return length;
    }

    private static string? ChoosingOther(in Utf8JsonReader reader)
    {
        foreach (var name in ChoosingOthers)
        {
            if (reader.ValueTextEquals(name))
            {
                return Encoding.ASCII.GetString(name);
            }
        }

        return null;
    }

    // What costs something else than its tokens' prices, or goes on when the call is over, nobody here could charge.
    private static void RefuseUnpaid(HeadMembers member, Utf8JsonReader ahead)
    {
        if (member is not (HeadMembers.Background or HeadMembers.ServiceTier or HeadMembers.Speed))
        {
            return;
        }

        ahead.Read();
        var isUsual = ahead.TokenType == JsonTokenType.Null || member switch
        {
            HeadMembers.Background => ahead.TokenType == JsonTokenType.False,
            HeadMembers.Speed => Is(ahead, "standard"u8),
            _ => Is(ahead, "auto"u8) || Is(ahead, "default"u8) || Is(ahead, "standard"u8) || Is(ahead, "standard_only"u8)
                || Is(ahead, "flex"u8),
        };
        if (!isUsual)
        {
            throw JsonMembers.Unsupported(member switch
            {
                HeadMembers.Background => "'background' is not supported: an answer is made while its caller waits.",
                HeadMembers.Speed => "'speed' must be standard or left out: other speeds have no price here.",
                _ => "'service_tier' must be auto, default, standard, flex or left out: other tiers have no price here.",
            });
        }

        static bool Is(in Utf8JsonReader reader, ReadOnlySpan<byte> word) =>
            reader.TokenType == JsonTokenType.String && reader.ValueTextEquals(word);
    }
}
