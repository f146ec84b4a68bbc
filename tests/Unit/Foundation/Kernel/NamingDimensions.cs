using Quoin.Kernel;

namespace Quoin.Tests.Unit.Foundation.Kernel;

public sealed class NamingDimensions
{
    [Fact]
    public void Is_the_same_text_whatever_the_order()
    {
        var one = Dimensions.Of([new("model", "gpt-4o"), new("band", "small")]);
        var other = Dimensions.Of([new("band", "small"), new("model", "gpt-4o")]);

        one.ShouldBe(other);
        one.Text.ShouldBe("""{"band":"small","model":"gpt-4o"}""");
    }

    [Fact]
    public void Comes_back_with_quotes_and_letters_of_any_script()
    {
        var dimensions = Dimensions.Of("model", "\"模型\"\\é");

        dimensions.ToDictionary()["model"].ShouldBe("\"模型\"\\é");
    }

    [Fact]
    public void Is_an_empty_object_without_any()
    {
        Dimensions.None.Text.ShouldBe("{}");
        Dimensions.FromText("{}").ShouldBe(Dimensions.None);
    }
}
