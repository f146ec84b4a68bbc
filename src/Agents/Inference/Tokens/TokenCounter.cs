using System.Buffers;
using System.Text;
using System.Text.Unicode;
using Quoin.Inference.Internal;

namespace Quoin.Inference;

/// <summary>
/// Counts the tokens of a text as OpenAI's models do: the text is cut into pieces, and within each the pair of neighbours
/// whose union has the lowest rank is joined, again and again. Special tokens are text like any other. The vocabularies
/// are those of js-tiktoken; see <c>make-vocabularies.mjs</c>.
/// </summary>
public sealed class TokenCounter
{
    // A longer piece is no word of any language; cut, it is a token or two more, and what it costs to count stays bounded.
    private const int PieceBytesMax = 8 * 1024;

    private static readonly Lazy<TokenCounter> O200kCounter = new(() => new TokenCounter("o200k_base", TextSplitter.O200k));
    private static readonly Lazy<TokenCounter> Cl100kCounter = new(() => new TokenCounter("cl100k_base", TextSplitter.Cl100k));

    private readonly Vocabulary vocabulary;
    private readonly Func<ReadOnlySpan<byte>, int> split;

    private TokenCounter(string name, Func<ReadOnlySpan<byte>, int> split) =>
        (vocabulary, this.split) = (Vocabulary.Read(name), split);

    /// <summary>The vocabulary <c>o200k_base</c>: models from GPT-4o on.</summary>
    public static TokenCounter O200k => O200kCounter.Value;

    /// <summary>The vocabulary <c>cl100k_base</c>: GPT-4, GPT-3.5 and the embeddings of their time.</summary>
    public static TokenCounter Cl100k => Cl100kCounter.Value;

    /// <summary>The vocabulary of a model, by the name its provider has for it; null where nobody here knows it.</summary>
    public static TokenCounter? Of(string model) => ModelFamilies.Of(model) switch
    {
        ModelFamily.O200k => O200k,
        ModelFamily.Cl100k => Cl100k,
        _ => null,
    };

    /// <summary>How many tokens a text has; half of a surrogate pair counts as the sign for what cannot be read.</summary>
    public int Count(string text) => CountWhole(Encoding.UTF8.GetBytes(text));

    /// <summary>How many tokens UTF-8 has; what is none counts as the sign for what cannot be read.</summary>
    public int Count(ReadOnlySpan<byte> text) =>
        Utf8.IsValid(text) ? CountWhole(text) : Count(Encoding.UTF8.GetString(text));

    private int CountWhole(ReadOnlySpan<byte> text)
    {
        var tokens = 0;
        while (text.Length > 0)
        {
            var piece = text[..split(text)];
            text = text[piece.Length..];
            while (piece.Length > PieceBytesMax)
            {
                tokens += Joined(piece[..PieceBytesMax]);
                piece = piece[PieceBytesMax..];
            }

            tokens += Joined(piece);
        }

        return tokens;
    }

    private int Joined(ReadOnlySpan<byte> piece)
    {
        if (piece.Length <= 1 || vocabulary.RankOf(piece) != Vocabulary.None)
        {
            return Math.Min(piece.Length, 1);
        }

        using var merge = new PairMerge(vocabulary, piece);
        return merge.Run();
    }

    /// <summary>
    /// The parts of one piece, as a list whose neighbours are joined, and the pairs that can be, the lowest rank first and the
    /// foremost of those: each byte is joined once, so that it takes n log n whatever the text.
    /// </summary>
    private readonly ref struct PairMerge(Vocabulary vocabulary, ReadOnlySpan<byte> piece)
    {
        private readonly ReadOnlySpan<byte> piece = piece;
        private readonly int[] ends = ArrayPool<int>.Shared.Rent(piece.Length);
        private readonly int[] before = ArrayPool<int>.Shared.Rent(piece.Length);
        private readonly PriorityQueue<(int Start, int End), long> pairs = new(piece.Length);

        public int Run()
        {
            for (var at = 0; at < piece.Length; at++)
            {
                (ends[at], before[at]) = (at + 1, at - 1);
            }

            for (var at = 0; at + 1 < piece.Length; at++)
            {
                Offer(at);
            }

            var parts = piece.Length;
            while (pairs.TryDequeue(out var pair, out _))
            {
                // One that was offered before one of its halves was joined with something else is no pair any more.
                if (ends[pair.Start] is var middle && middle > 0 && middle < pair.End && ends[middle] == pair.End)
                {
                    (ends[pair.Start], ends[middle]) = (pair.End, 0);
                    parts--;
                    if (pair.End < piece.Length)
                    {
                        before[pair.End] = pair.Start;
                        Offer(pair.Start);
                    }

                    if (before[pair.Start] >= 0)
                    {
                        Offer(before[pair.Start]);
                    }
                }
            }

            return parts;
        }

        public void Dispose()
        {
            ArrayPool<int>.Shared.Return(ends);
            ArrayPool<int>.Shared.Return(before);
        }

        private void Offer(int start)
        {
            var end = ends[ends[start]];
            var rank = vocabulary.RankOf(piece[start..end]);
            if (rank != Vocabulary.None)
            {
                pairs.Enqueue((start, end), ((long)rank << 32) | (uint)start);
            }
        }
    }
}
