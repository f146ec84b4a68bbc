using Quoin.Inference.Internal;

namespace Quoin.Inference;

/// <summary>Removes content whose time is over, or that its organisation wants kept no more.</summary>
public sealed class ContentRetention
{
    private readonly KeptContent kept;
    private readonly CachedAnswers answers;

    internal ContentRetention(KeptContent kept, CachedAnswers answers) => (this.kept, this.answers) = (kept, answers);

    /// <summary>Removes it, in small steps; what one round leaves the next one takes.</summary>
    public async Task Purge(CancellationToken cancellationToken)
    {
        await Repeat(kept.Purge, cancellationToken);
        await Repeat(answers.Purge, cancellationToken);
    }

    private static async Task Repeat(Func<CancellationToken, Task<int>> purge, CancellationToken cancellationToken)
    {
        for (var turn = 0; turn < Limits.ContentPurgesMax; turn++)
        {
            if (await purge(cancellationToken) < Limits.ContentPurgedAtOnce)
            {
                break;
            }
        }
    }
}
