namespace Quoin.Inference.Internal;

/// <summary>Models that share a vocabulary.</summary>
internal enum ModelFamily
{
    /// <summary>Nobody here knows how these count.</summary>
    Unknown,

    /// <summary>From GPT-4o on.</summary>
    O200k,

    /// <summary>GPT-4, GPT-3.5, and the embeddings of their time.</summary>
    Cl100k,
}

/// <summary>Tells by a model's name how it counts: the lists of js-tiktoken and tiktoken (<c>model.py</c>), by beginnings.</summary>
internal static class ModelFamilies
{
    // The first that fits counts: gpt-4o is no gpt-4.
    private static readonly (string Start, ModelFamily Family)[] Starts =
    [
        ("gpt-4o", ModelFamily.O200k),
        ("gpt-4.", ModelFamily.O200k),
        ("chatgpt-4o", ModelFamily.O200k),
        ("gpt-5", ModelFamily.O200k),
        ("gpt-oss", ModelFamily.O200k),
        ("codex-", ModelFamily.O200k),
        ("o1", ModelFamily.O200k),
        ("o3", ModelFamily.O200k),
        ("o4-", ModelFamily.O200k),
        ("gpt-4", ModelFamily.Cl100k),
        ("gpt-3.5", ModelFamily.Cl100k),
        ("gpt-35", ModelFamily.Cl100k),
        ("text-embedding-", ModelFamily.Cl100k),
    ];

    /// <summary>The family of a model, by the name its provider has for it.</summary>
    public static ModelFamily Of(string model)
    {
        // openai/gpt-4o as others sell it, ft:gpt-4o:ours as it is after more training.
        var name = model.AsSpan()[(model.LastIndexOf('/') + 1)..];
        name = name.StartsWith("ft:", StringComparison.OrdinalIgnoreCase) ? name[3..] : name;
        foreach (var (start, family) in Starts)
        {
            if (name.StartsWith(start, StringComparison.OrdinalIgnoreCase))
            {
                return family;
            }
        }

        return ModelFamily.Unknown;
    }
}
